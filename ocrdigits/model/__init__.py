"""The networks: data, training, evaluation, export, and running them."""
