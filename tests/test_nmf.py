"""Non-negative matrix factorization against scikit-learn's, and where the answer is known."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.decomposition import NMF
from sklearn.exceptions import ConvergenceWarning

from lensdoc.measures import nmf as module
from lensdoc.measures.nmf import nmf
from lensdoc.measures.texts import texts


def error(matrix, fit):
    return np.linalg.norm(matrix - fit.weights @ fit.loadings) / np.linalg.norm(matrix)


def converged(matrix, n_factors):
    """The least error of scikit-learn's solver from its three starts, taken far."""
    found = []
    for start in ("nndsvd", "nndsvda", "random"):
        solver = NMF(n_factors, init=start, tol=1e-6, max_iter=3000, random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            weights = solver.fit_transform(matrix)
        found.append(np.linalg.norm(matrix - weights @ solver.components_) / np.linalg.norm(matrix))
    return min(found)


def blocks():
    """Five groups of neurons that never fire together, each by one pattern, with some noise."""
    random = np.random.default_rng(1)
    groups = np.kron(np.eye(5), np.ones((8, 20)))
    return groups * np.outer(random.uniform(1, 3, 40), random.uniform(1, 3, 100)) + 0.05 * random.random((40, 100))


@pytest.fixture(scope="module", params=["random", pytest.param("activations", marks=pytest.mark.long), "blocks"])
def case(request, count):
    if request.param == "random":
        return np.random.default_rng(0).random((60, 200)), 8
    return (blocks(), 5) if request.param == "blocks" else (texts(count, None).prepared("clip").matrix.astype(float), 10)


def test_the_error_is_at_most_a_five_hundredth_above_the_best_of_scikit_learn(case):
    matrix, n_factors = case
    assert error(matrix, nmf(matrix, n_factors)) <= 1.002 * converged(matrix, n_factors)


def test_the_coarse_way_of_large_matrices_ends_three_hundredths_above_at_most(case, monkeypatch):
    matrix, n_factors = case
    monkeypatch.setattr(module, "SMALL", 0)
    fit = nmf(matrix, n_factors)
    assert fit.weights.dtype == np.float32
    assert "tolerance 0.05, float32" in fit.solver
    assert error(matrix, fit) <= 1.03 * converged(matrix, n_factors)


def test_separate_groups_are_found_whole():
    fit = nmf(blocks(), 5)
    groups = {tuple(np.flatnonzero(row > 0.05)) for row in fit.loadings}
    assert groups == {tuple(range(first, first + 20)) for first in range(0, 100, 20)}


def test_both_sides_are_non_negative_and_loadings_have_norm_one(case):
    fit = nmf(*case)
    assert fit.weights.min() >= 0
    assert fit.loadings.min() >= 0
    assert np.linalg.norm(fit.loadings, axis=1) == pytest.approx(np.ones(case[1]))


def test_the_better_start_is_kept():
    # Three of these rows are parallel, and where NNDSVDa begins none of the other kind is found.
    matrix = np.array([[3.0, 4.0, 0, 0], [0, 0, 1.0, 0], [6.0, 8.0, 0, 0], [0, 0, 2.0, 0]])
    assert nmf(matrix, 2).solver.startswith("nndsvd, ")
    assert error(matrix, nmf(matrix, 2)) < 1e-4


def test_more_factors_than_either_side_has_begin_at_random():
    matrix = np.random.default_rng(0).random((6, 3))
    fit = nmf(matrix, 4)
    assert fit.solver.startswith("random start 0, ")
    assert error(matrix, fit) < 0.01


def test_another_seed_is_another_start_and_the_same_seed_the_same():
    matrix = np.random.default_rng(0).random((30, 50))
    one, again, other = (nmf(matrix, 6, seed=seed).loadings for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.allclose(one, other)


def test_an_exact_factorization_settles():
    random = np.random.default_rng(0)
    matrix = random.random((20, 4)) @ random.random((4, 60))
    assert error(matrix, nmf(matrix, 4)) < 2e-3
    assert error(matrix, nmf(matrix, 6)) < 2e-3


def test_what_is_all_but_exact_needs_no_warning():
    matrix = np.random.default_rng(2).random((20, 50))
    fit = nmf(matrix, 20)  # creeps on for more iterations than there are
    assert 1e-6 < error(matrix, fit) < 1e-3


def test_a_factor_too_many_may_be_empty():
    matrix = np.outer([1.0, 2, 3], [1.0, 0, 2, 0])
    fit = nmf(matrix, 2)
    assert np.isfinite(fit.weights).all()
    assert np.isfinite(fit.loadings).all()
    assert error(matrix, fit) < 1e-6
