"""The sections of the verify page beyond metrics and curves, a file for each subject."""
