"""What every wing shares: errors, settings, contract, evidence, models, bundle."""
