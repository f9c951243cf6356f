package io.cleave.core.storage;

/** What a name in a {@link SimulatedDirectory} stands for. Guarded by its storage. */
abstract sealed class SimulatedNode permits SimulatedDirectory, SimulatedBytes {}
