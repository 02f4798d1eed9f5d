package dev.toehold.engine.config;

/** What the declarations say about each key: as a file to start from, and as the reference page. */
public final class ConfigReference {
    private static final int COMMENT_WIDTH = 100;

    private ConfigReference() {}

    /** A configuration with every key, its default or an example, and comments; it can be read as it stands. */
    public static String toToml() {
        StringBuilder out = new StringBuilder();
        for (SettingKey.Table table : SettingKey.tables()) {
            out.append(out.isEmpty() ? "" : "\n");
            comment(out, table.meaning());
            String commentedOut = table.isOptional() ? "# " : "";
            out.append(commentedOut).append(table.header()).append('\n');
            for (SettingKey key : table.keys()) {
                comment(out, key.setting().meaning() + " Must be " + key.allowed() + ".");
                // A default that refers to another key stays a comment, so that changing that key is enough.
                boolean derived = key.setting().ifAbsent().contains("{");
                out.append(derived ? "# " : commentedOut)
                        .append(key.name())
                        .append(" = ")
                        .append(
                                key.setting().example().isEmpty()
                                        ? key.setting().ifAbsent()
                                        : key.setting().example())
                        .append("\n");
            }
        }
        return out.toString();
    }

    /** The page docs/configuration.md. */
    public static String toMarkdown() {
        StringBuilder out = new StringBuilder();
        out.append("# Configuration\n\n")
                .append(
                        "`toehold run --config FILE` reads one TOML file. `toehold config print` prints one to start from,")
                .append(
                        " `toehold config check FILE`\nnames every problem with its line, and `toehold config print FILE`")
                .append(
                        " shows what a file comes to with all defaults.\nAn unknown key or a value that is not allowed stops")
                .append(" the engine before it touches anything.\n\nThis page is made from the declarations in")
                .append(" `dev.toehold.engine.config` by `toehold config print --format markdown`.\n");
        for (SettingKey.Table table : SettingKey.tables()) {
            out.append("\n## `").append(table.header()).append("`\n").append(table.meaning());
            out.append("\n\n| key | default | must be | meaning |\n| --- | --- | --- | --- |\n");
            for (SettingKey key : table.keys()) {
                out.append("| `")
                        .append(key.name())
                        .append("` | ")
                        .append(
                                key.isRequired()
                                        ? "required"
                                        : "`" + key.setting().ifAbsent() + "`")
                        .append(" | ")
                        .append(key.allowed())
                        .append(" | ")
                        .append(key.setting().meaning())
                        .append(" |\n");
            }
        }
        return out.toString();
    }

    private static void comment(StringBuilder out, String text) {
        int column = 0;
        for (String word : text.split(" ", -1)) {
            if (column == 0 || column + 1 + word.length() > COMMENT_WIDTH) {
                out.append(column == 0 ? "#" : "\n#");
                column = 1;
            }
            out.append(' ').append(word);
            column += 1 + word.length();
        }
        out.append('\n');
    }
}
