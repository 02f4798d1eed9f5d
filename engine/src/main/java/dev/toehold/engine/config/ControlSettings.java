package dev.toehold.engine.config;

import java.nio.file.Path;

/** Table {@code [control]}. */
public record ControlSettings(
        @Setting(
                ifAbsent = "\"{engine.state}/control.sock\"",
                meaning =
                        "The control socket, made with mode 0660: whoever may open it may be a client and may manage the"
                                + " engine. At most 107 bytes.")
        Path socket) {}
