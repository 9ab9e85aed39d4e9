"""What is asked of the data, now or as it was: lists, the board, sums of deals."""
