"""Pictures of what spinode phase-diagram wrote: T-x diagram, solubilities, spinodals, energies."""
