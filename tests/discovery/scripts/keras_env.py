"""A Keras model that reads its settings from the environment, as container jobs do."""

import os

import tensorflow as tf

lr = float(os.environ.get("LEARNING_RATE", "1e-3"))
batch_size = int(os.environ.get("BATCH_SIZE", 64))
units = int(os.getenv("UNITS", "128"))
rate = float(os.getenv("DROPOUT", "0.3"))
epochs = int(os.environ.get("EPOCHS", 10))
data_dir = os.environ["DATA_DIR"]

model = tf.keras.Sequential(
    [tf.keras.layers.Dense(units, "relu"), tf.keras.layers.Dropout(rate), tf.keras.layers.Dense(10)]
)
model.compile(optimizer=tf.keras.optimizers.Adam(lr), loss="mse", metrics=["accuracy"])
images, labels = load(data_dir)
model.fit(images, labels, batch_size=batch_size, epochs=epochs, validation_split=0.2, verbose=2)
