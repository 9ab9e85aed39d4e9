"""The commands of the two pages of faults, each row with what its last column says."""
