package dev.toehold.engine.config;

import java.util.List;

/** A configuration as TOML text. */
final class ConfigWriter {
    private ConfigWriter() {}

    static String toToml(EngineConfig config) {
        StringBuilder out = new StringBuilder();
        for (SettingKey.Table table : SettingKey.tables()) {
            Object part = new SettingKey(table.name(), "", null, null, table.component()).valueIn(config);
            for (Object settings : part instanceof List<?> list ? list : List.of(part)) {
                out.append(out.isEmpty() ? "" : "\n").append(table.header()).append('\n');
                for (SettingKey key : table.keys()) {
                    out.append(key.name())
                            .append(" = ")
                            .append(key.type().write(key.valueIn(settings)))
                            .append('\n');
                }
            }
        }
        return out.toString();
    }
}
