"""The quiz: a bank of questions in both languages, attempts that are shuffled, timed and graded."""
