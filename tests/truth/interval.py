"""How far a share counted in samples may lie from the truth.

n samples of which a share p should fall into a function scatter binomially, with a standard
deviation of sqrt(p (1 - p) / n); periodic sampling scatters less, never more, as long as the
program does not fall into step with it. At 99 percent (z = 2.576) one check in a hundred would
fail by chance. The suite makes hundreds, so the level is divided among them (Bonferroni): with
at most HYPOTHESES checks, a faultless profiler fails the suite less than once in 1000 runs.
"""
from math import sqrt
from statistics import NormalDist

HYPOTHESES = 400
FALSE_ALARM = 1 / 1000
Z = NormalDist().inv_cdf(1 - FALSE_ALARM / HYPOTHESES / 2)


def wilson(share, n):
    """The interval that holds a counted share of n samples, when `share` is the truth. One
    sample is added on each side: a period may begin or end within the function."""
    centre = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    return max(0.0, centre - half - 1 / n), min(1.0, centre + half + 1 / n)


def difference(share, n, m):
    """How far two counts of the same share, in n and in m samples, may lie apart."""
    return Z * sqrt(share * (1 - share) * (1 / n + 1 / m)) + 1 / n + 1 / m
