"""Many candidates, each judged on its own by a supervised run, and the leaderboard of them."""
