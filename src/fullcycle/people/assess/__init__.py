"""What a project has shown, by evidence and repository: five criteria and the ML Test Score."""
