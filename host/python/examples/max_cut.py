"""The largest cut of a graph through dimod.

Cuts a random graph of 100 nodes with bitspin's dimod sampler, and with `IsingModel` directly. Draws the energies that the reads
reach to max_cut.png if matplotlib is there.
"""

import dimod
import networkx as nx
import numpy as np

from bitspin import IsingModel
from bitspin.dimod import BitspinSampler

graph = nx.gnp_random_graph(100, 0.1, seed=1)
print(f"{graph.number_of_nodes()} nodes, {graph.number_of_edges()} edges")

# dimod minimises sum J_ij s_i s_j, so J = 1 on every edge. An edge whose ends differ is cut.
bqm = dimod.BinaryQuadraticModel.from_ising({node: 0 for node in graph}, dict.fromkeys(graph.edges, 1))
energies = {}
for sweeps in (10, 100, 1000):
    samples = BitspinSampler().sample(bqm, num_reads=100, num_sweeps=sweeps, seed=7)
    energies[sweeps] = samples.record.energy
    cuts = (graph.number_of_edges() - samples.record.energy) / 2
    print(f"{sweeps:5d} sweeps: mean cut {cuts.mean():.1f}, best {cuts.max():.0f}")
best = samples.first.sample
cut = sum(best[i] != best[j] for i, j in graph.edges)

model = IsingModel.max_cut(graph)
result = model.anneal(n_replicas=100, sweeps=1000, random_state=7)
print(f"IsingModel.max_cut: best {model.cut(result.state):.0f}, by {result.hits} of 100 replicas")
assert cut == model.cut(result.state)

try:
    import matplotlib.pyplot as plt
except ImportError:
    print("matplotlib is not installed: no picture")
else:
    figure, axis = plt.subplots(figsize=(6, 3.5), layout="constrained")
    ends = [np.min([e.min() for e in energies.values()]), np.max([e.max() for e in energies.values()])]
    for sweeps, found in energies.items():
        axis.hist(found, bins=np.arange(ends[0] - 1, ends[1] + 4, 2), alpha=0.6, label=f"{sweeps} sweeps")
    axis.set_xlabel("energy")
    axis.set_ylabel("reads")
    axis.legend()
    figure.savefig("max_cut.png", dpi=150)
    print("energies in max_cut.png")
