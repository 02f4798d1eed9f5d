package dev.toehold.cli;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;
import tools.jackson.databind.JsonNode;

/** Items of a listing as text in columns, in the manner of {@code ss}: one line each, numbers to the right. */
final class ListingTable {
    private static final String GAP = "  ";
    private static final long NS_PER_US = 1_000;
    private static final long NS_PER_MS = 1_000_000;
    private static final long NS_PER_S = 1_000_000_000;

    private ListingTable() {}

    /** A header and a line for each item; columns are the fields of all items in the order of their first appearance. */
    static String rows(JsonNode items) {
        Set<String> fields = new LinkedHashSet<>();
        for (JsonNode item : items) {
            fields.addAll(item.propertyNames());
        }
        List<String> columns = List.copyOf(fields);
        List<List<String>> lines = new ArrayList<>();
        lines.add(columns.stream().map(ListingTable::heading).toList());
        boolean[] isNumeric = new boolean[columns.size()];
        for (int column = 0; column < columns.size(); column++) {
            isNumeric[column] = isNumeric(items, columns.get(column));
        }
        for (JsonNode item : items) {
            lines.add(
                    columns.stream().map(field -> cell(field, item.get(field))).toList());
        }
        return columns.isEmpty() ? "" : align(lines, isNumeric);
    }

    /** A line for each field of each item. */
    static String details(JsonNode items) {
        StringBuilder text = new StringBuilder();
        for (JsonNode item : items) {
            List<List<String>> lines = new ArrayList<>();
            for (String field : item.propertyNames()) {
                lines.add(List.of(heading(field).toLowerCase(Locale.ROOT), cell(field, item.get(field))));
            }
            text.append(text.isEmpty() ? "" : "\n").append(align(lines, new boolean[2]));
        }
        return text.toString();
    }

    private static boolean isNumeric(JsonNode items, String field) {
        for (JsonNode item : items) {
            JsonNode value = item.get(field);
            if (value != null && !value.isNumber() && !value.isNull()) {
                return false;
            }
        }
        return true;
    }

    private static String align(List<List<String>> lines, boolean[] isNumeric) {
        int[] widths = new int[isNumeric.length];
        for (List<String> line : lines) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], line.get(column).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> line : lines) {
            StringJoiner joined = new StringJoiner(GAP);
            for (int column = 0; column < widths.length; column++) {
                String padding = " ".repeat(widths[column] - line.get(column).length());
                joined.add(isNumeric[column] ? padding + line.get(column) : line.get(column) + padding);
            }
            text.append(joined.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    /** {@code placedBytes} reads PLACED-BYTES; of times the unit stands in the cells. */
    private static String heading(String field) {
        String name = isTime(field) ? field.substring(0, field.length() - 2) : field;
        return name.replaceAll("([A-Z])", "-$1").toUpperCase(Locale.ROOT);
    }

    private static boolean isTime(String field) {
        return field.length() > 2 && field.endsWith("Ns");
    }

    private static String cell(String field, JsonNode value) {
        if (value == null || value.isNull()) {
            return "-";
        }
        if (value.isArray()) {
            StringJoiner joined = new StringJoiner(",");
            value.forEach(element -> joined.add(cell("", element)));
            return joined.length() == 0 ? "-" : joined.toString();
        }
        if (value.isObject()) {
            StringJoiner joined = new StringJoiner(",");
            value.properties()
                    .forEach(entry -> joined.add(entry.getKey() + "=" + cell(entry.getKey(), entry.getValue())));
            return joined.length() == 0 ? "-" : joined.toString();
        }
        if (isTime(field) && value.isIntegralNumber()) {
            return time(value.longValue());
        }
        String text = value.isString() ? value.stringValue() : value.toString();
        return text.isEmpty() ? "-" : text;
    }

    static String time(long ns) {
        long magnitude = Math.abs(ns);
        if (magnitude < NS_PER_US) {
            return ns + "ns";
        }
        if (magnitude < NS_PER_MS) {
            return "%.1fus".formatted((double) ns / NS_PER_US);
        }
        return magnitude < NS_PER_S
                ? "%.1fms".formatted((double) ns / NS_PER_MS)
                : "%.1fs".formatted((double) ns / NS_PER_S);
    }
}
