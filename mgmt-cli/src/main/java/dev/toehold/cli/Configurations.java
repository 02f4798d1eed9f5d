package dev.toehold.cli;

import dev.toehold.engine.config.ConfigException;
import dev.toehold.engine.config.EngineConfig;
import java.nio.file.Path;

/** Reads configurations for commands that fail without one. */
final class Configurations {
    private Configurations() {}

    static EngineConfig read(Path file) {
        try {
            return EngineConfig.read(file);
        } catch (ConfigException e) {
            throw new CommandFailedException(e.getMessage(), e);
        }
    }
}
