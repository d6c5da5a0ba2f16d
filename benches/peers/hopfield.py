#!/usr/bin/env python3
"""Times NumPy's synchronous Hopfield sweep, sign(W @ s) in float32, on one thread, at the sizes of benches/hopfield.rs.

    cargo bench --bench hopfield && python3 benches/peers/hopfield.py      (needs numpy)
"""
import os
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
import time
import numpy as np

for units, count in ((784, 60), (4096, 400)):
    rng = np.random.default_rng(1)
    x = rng.choice([-1, 1], size=(count, units)).astype(np.float32)
    w = x.T @ x
    np.fill_diagonal(w, 0)
    s = x[0].copy()
    s[::10] *= -1
    runs, best = 50, []
    for _ in range(20):
        begin = time.perf_counter()
        for _ in range(runs):
            np.sign(w @ s)
        best.append((time.perf_counter() - begin) / runs)
    print(f"numpy {np.__version__}, N = {units}, P = {count}: "
          f"median {np.median(best) * 1e6:.1f} us, least {min(best) * 1e6:.1f} us a sweep")
