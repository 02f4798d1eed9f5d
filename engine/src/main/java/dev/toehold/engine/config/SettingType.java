package dev.toehold.engine.config;

import dev.toehold.net.EndpointRange;
import dev.toehold.net.IpAddress;
import dev.toehold.net.Prefix;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** How the values of one type are read from TOML, described and written. */
abstract class SettingType {
    /**
     * The value of a node.
     *
     * @throws IllegalArgumentException if it is not allowed; the message says why where {@link #allowed} does not, else is
     *     empty
     */
    abstract Object read(JsonNode node, Setting setting);

    /** What is allowed, as the end of the sentence "must be ...". */
    abstract String allowed(Setting setting);

    /** The value as TOML. */
    String write(Object value) {
        return quote(value.toString());
    }

    static SettingType of(Type type) {
        if (type instanceof Class<?> c && c.isEnum()) {
            return new EnumType(c.getEnumConstants());
        }
        return switch (type.getTypeName()) {
            case "java.lang.String" -> new TextType();
            case "int" -> new IntegerType();
            case "long" -> new SizeType();
            case "boolean" -> new BooleanType();
            case "java.time.Duration" -> new DurationType();
            case "java.nio.file.Path" -> new PathType();
            case "java.util.List<java.lang.Integer>" -> new ListType(new IntegerType(), "integers");
            case "java.util.List<java.lang.String>" -> new ListType(new TextType(), "texts");
            case "java.util.List<dev.toehold.net.IpAddress>" ->
                new ListType(new ParsedType(IpAddress::parse, "\"10.0.0.1\""), "addresses");
            case "java.util.List<dev.toehold.net.EndpointRange>" ->
                new ListType(new ParsedType(EndpointRange::parse, EndpointRange.FORM), "places");
            case "java.util.List<dev.toehold.engine.config.UserName>" ->
                new ListType(new ParsedType(UserName::parse, "a user's name or number, or \"*\""), "users");
            case "java.util.List<dev.toehold.engine.config.GroupName>" ->
                new ListType(new ParsedType(GroupName::parse, "a group's name or number"), "groups");
            case "dev.toehold.engine.config.GroupName" ->
                new ParsedType(GroupName::parseOptional, "a group's name or number, or \"\" for the usual one");
            case "dev.toehold.engine.config.Endpoint" ->
                new ParsedType(
                        Endpoint::parse, "ADDRESS:PORT such as \"127.0.0.1:9464\" or \"[::1]:9464\", or \"\" for none");
            case "dev.toehold.engine.config.PortAddresses" -> new PortAddressesType();
            default -> throw new IllegalStateException("no SettingType for type=" + type.getTypeName());
        };
    }

    static String quote(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static String text(JsonNode node) {
        if (!node.isString()) {
            throw new IllegalArgumentException("");
        }
        return node.stringValue();
    }

    private static long inRange(long value, Setting setting) {
        if (value < setting.min() || value > setting.max()) {
            throw new IllegalArgumentException("");
        }
        return value;
    }

    private static final class TextType extends SettingType {
        @Override
        Object read(JsonNode node, Setting setting) {
            String text = text(node);
            if (!setting.pattern().isEmpty() && !text.matches(setting.pattern())) {
                throw new IllegalArgumentException("");
            }
            return text;
        }

        @Override
        String allowed(Setting setting) {
            return setting.allowed().isEmpty() ? "a text" : setting.allowed();
        }
    }

    private static final class IntegerType extends SettingType {
        @Override
        Object read(JsonNode node, Setting setting) {
            if (!node.isIntegralNumber() || !node.canConvertToLong()) {
                throw new IllegalArgumentException("");
            }
            return Math.toIntExact(inRange(node.longValue(), setting));
        }

        @Override
        String allowed(Setting setting) {
            String unit = setting.unit().isEmpty() ? "" : " (" + setting.unit() + ")";
            return "an integer from " + setting.min() + " to " + setting.max() + unit;
        }

        @Override
        String write(Object value) {
            return value.toString();
        }
    }

    private static final class SizeType extends SettingType {
        @Override
        Object read(JsonNode node, Setting setting) {
            if (node.isIntegralNumber() && node.canConvertToLong()) {
                return inRange(node.longValue(), setting);
            }
            return inRange(Size.parse(text(node)), setting);
        }

        @Override
        String allowed(Setting setting) {
            return "a size from " + quote(Size.format(setting.min())) + " to " + quote(Size.format(setting.max()))
                    + " (suffix K, M, G or T), or a number of bytes";
        }

        @Override
        String write(Object value) {
            return quote(Size.format((Long) value));
        }
    }

    private static final class BooleanType extends SettingType {
        @Override
        Object read(JsonNode node, Setting setting) {
            if (!node.isBoolean()) {
                throw new IllegalArgumentException("");
            }
            return node.booleanValue();
        }

        @Override
        String allowed(Setting setting) {
            return "true or false";
        }

        @Override
        String write(Object value) {
            return value.toString();
        }
    }

    private static final class DurationType extends SettingType {
        private static final List<String> UNITS = List.of("h", "m", "s", "ms", "us", "ns");
        private static final long[] UNIT_NS = {3_600_000_000_000L, 60_000_000_000L, 1_000_000_000, 1_000_000, 1_000, 1};

        @Override
        Object read(JsonNode node, Setting setting) {
            String text = text(node);
            int digits = 0;
            while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
                digits++;
            }
            int unit = UNITS.indexOf(text.substring(digits));
            if (digits == 0 || digits > 18 || unit < 0) {
                throw new IllegalArgumentException("");
            }
            long count = Long.parseLong(text, 0, digits, 10);
            if (count > setting.max() / UNIT_NS[unit]) {
                throw new IllegalArgumentException("");
            }
            return Duration.ofNanos(inRange(count * UNIT_NS[unit], setting));
        }

        @Override
        String allowed(Setting setting) {
            return "a time from " + quote(format(setting.min())) + " to " + quote(format(setting.max()))
                    + " (suffix ns, us, ms, s, m or h)";
        }

        @Override
        String write(Object value) {
            return quote(format(((Duration) value).toNanos()));
        }

        /** In seconds or the largest smaller unit that divides it, so that 200 ms reads 200ms and a minute reads 60s. */
        private static String format(long ns) {
            int unit = UNITS.indexOf("s");
            while (ns % UNIT_NS[unit] != 0) {
                unit++;
            }
            return ns / UNIT_NS[unit] + UNITS.get(unit);
        }
    }

    private static final class PathType extends SettingType {
        @Override
        Object read(JsonNode node, Setting setting) {
            String text = text(node);
            if (!text.startsWith("/") || text.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("");
            }
            return Path.of(text).normalize();
        }

        @Override
        String allowed(Setting setting) {
            return "an absolute path";
        }
    }

    private static final class EnumType extends SettingType {
        private final Object[] constants;

        EnumType(Object[] constants) {
            this.constants = constants;
        }

        @Override
        Object read(JsonNode node, Setting setting) {
            String text = text(node);
            return Arrays.stream(constants)
                    .filter(constant -> nameOf((Enum<?>) constant).equals(text))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(""));
        }

        @Override
        String allowed(Setting setting) {
            return Arrays.stream(constants).map(this::write).collect(Collectors.joining(" or "));
        }

        @Override
        String write(Object value) {
            return quote(nameOf((Enum<?>) value));
        }
    }

    /** How a constant is written in the configuration. */
    static String nameOf(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** A text that its own class can parse; the class's message says what is wrong. */
    private static final class ParsedType extends SettingType {
        private final Function<String, Object> parser;
        private final String allowed;

        ParsedType(Function<String, Object> parser, String allowed) {
            this.parser = parser;
            this.allowed = allowed;
        }

        @Override
        Object read(JsonNode node, Setting setting) {
            return parser.apply(text(node));
        }

        @Override
        String allowed(Setting setting) {
            return allowed;
        }
    }

    private static final class ListType extends SettingType {
        private final SettingType element;
        private final String plural;

        ListType(SettingType element, String plural) {
            this.element = element;
            this.plural = plural;
        }

        @Override
        Object read(JsonNode node, Setting setting) {
            if (!node.isArray()) {
                throw new IllegalArgumentException("");
            }
            List<Object> values = new ArrayList<>();
            for (JsonNode item : node) {
                Object value = element.read(item, setting);
                if (values.contains(value)) {
                    throw new IllegalArgumentException(item + " stands there twice");
                }
                values.add(value);
            }
            return List.copyOf(values);
        }

        @Override
        String allowed(Setting setting) {
            return "a list of " + plural + ", each " + element.allowed(setting).replaceFirst("^\"", "such as \"");
        }

        @Override
        String write(Object value) {
            return ((List<?>) value).stream().map(element::write).collect(Collectors.joining(", ", "[", "]"));
        }
    }

    private static final class PortAddressesType extends SettingType {
        private static final SettingType LIST = new ListType(new ParsedType(Prefix::parse, ""), "");

        @Override
        Object read(JsonNode node, Setting setting) {
            if (node.isString()) {
                if (node.stringValue().equals(PortAddresses.INTERFACE)) {
                    return new PortAddresses(true, List.of());
                }
                throw new IllegalArgumentException("");
            }
            List<Prefix> prefixes = new ArrayList<>();
            for (Object prefix : (List<?>) LIST.read(node, setting)) {
                prefixes.add((Prefix) prefix);
            }
            if (prefixes.isEmpty()) {
                throw new IllegalArgumentException("");
            }
            return new PortAddresses(false, prefixes);
        }

        @Override
        String allowed(Setting setting) {
            return "a list of addresses with prefix length such as [\"10.0.0.2/24\", \"fd00::2/64\"], or \"interface\"";
        }

        @Override
        String write(Object value) {
            PortAddresses addresses = (PortAddresses) value;
            return addresses.fromInterface() ? quote(PortAddresses.INTERFACE) : LIST.write(addresses.prefixes());
        }
    }
}
