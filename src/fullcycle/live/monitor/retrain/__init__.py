"""Retraining by what monitoring found: when it is due, on which rows, and whether its result is as good as
the champion. The cycle itself is run by whoever asks (`cli/retraining.py`): this wing trains nothing."""
