"""Makes films.csv, a made-up table of film likes. Run: python3 host/data/make_films.py > host/data/films.csv

Every one of 400 viewers likes each of four genres with probability 0.35, and at least one; a film of a genre that is
liked is liked with probability 0.85, another with 0.08; a tenth of the entries is not known. Viewers and films are
invented.
"""
import random

FILMS = {
    "romance": ["Letters from Lisbon", "The Last Waltz Home", "Rain on Rue Claire",
                "Two Chairs by the Sea", "A Promise in May", "The Florist's Window"],
    "science fiction": ["Orbit Nine", "The Silent Colony", "Signal from Kepler",
                        "Machines of Dawn", "Gravity's Edge", "The Last Archivist"],
    "horror": ["The House on Crow Hill", "Whispers Below", "Night of Salt",
               "The Ninth Stair", "Hollow Lantern", "What the Fog Kept"],
    "comedy": ["My Uncle's Goat", "Three Weddings Too Many", "The Worst Waiter",
               "Office of Lost Hats", "Crash Diet", "Grandma Takes Berlin"],
}


def viewer():
    likes = {genre: random.random() < 0.35 for genre in FILMS}
    if not any(likes.values()):
        likes[random.choice(list(FILMS))] = True
    for genre, films in FILMS.items():
        for _ in films:
            liked = random.random() < (0.85 if likes[genre] else 0.08)
            yield "?" if random.random() < 0.1 else str(int(liked))


random.seed(20261124)
print(",".join(["viewer"] + [f"{film} ({genre})" for genre, films in FILMS.items() for film in films]))
for number in range(400):
    print(",".join([f"viewer {number + 1}", *viewer()]))
