"""A teacher's job: many learners' projects, homework and quizzes, one gradebook, feedback for each."""
