"""A function that takes its values as a dict, as search tools call it."""


def train(params, trial=None):
    rate = params["learning_rate"]
    batch_size = int(params.get("batch_size", 128))
    units = int(params.get("hidden_units", 64))
    layers = int(params.get("num_layers", 2))
    dropout = params.get("dropout", 0.0)
    epochs = params["epochs"]
    best = float("inf")
    for epoch in range(epochs):
        val_error = (rate - 0.01) ** 2 + dropout / units + layers / batch_size
        best = min(best, val_error)
        if trial is not None:
            trial.report(epoch, val_error=val_error)
    return {"val_error": best, "epochs": epochs}
