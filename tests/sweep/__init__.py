"""Tests of the sweep: hostile candidates, interruption, a cluster, the leaderboard."""
