package dev.toehold.engine.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** One declared key: a component of a settings record, with its {@link Setting}. */
record SettingKey(String section, String name, Setting setting, SettingType type, RecordComponent component) {
    /** A TOML table and the record that takes it. */
    record Table(
            String name,
            String meaning,
            boolean repeated,
            boolean isOptional,
            Class<?> settings,
            RecordComponent component) {
        List<SettingKey> keys() {
            return Arrays.stream(settings.getRecordComponents())
                    .map(component -> new SettingKey(
                            name,
                            kebabCase(component.getName()),
                            component.getAnnotation(Setting.class),
                            SettingType.of(component.getGenericType()),
                            component))
                    .toList();
        }

        /** {@code [engine]} or {@code [[port]]}. */
        String header() {
            return repeated ? "[[" + name + "]]" : "[" + name + "]";
        }
    }

    static List<Table> tables() {
        return Arrays.stream(EngineConfig.class.getRecordComponents())
                .map(SettingKey::table)
                .toList();
    }

    private static Table table(RecordComponent component) {
        Section section = component.getAnnotation(Section.class);
        Type type = component.getGenericType();
        boolean repeated = type instanceof ParameterizedType;
        Class<?> settings =
                (Class<?>) (type instanceof ParameterizedType list ? list.getActualTypeArguments()[0] : type);
        return new Table(section.name(), section.meaning(), repeated, section.isOptional(), settings, component);
    }

    static String kebabCase(String camelCase) {
        return camelCase.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    boolean isRequired() {
        return setting.ifAbsent().isEmpty();
    }

    String allowed() {
        return type.allowed(setting);
    }

    /** This key's value in a record of settings. */
    Object valueIn(Object settings) {
        try {
            return component.getAccessor().invoke(settings);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("cannot read key=" + section + "." + name, e);
        }
    }

    /** Calls the canonical constructor. */
    static <T> T construct(Class<T> type, List<?> values) {
        Class<?>[] parameters = Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getType)
                .toArray(Class<?>[]::new);
        try {
            Constructor<T> constructor = type.getDeclaredConstructor(parameters);
            return constructor.newInstance(values.toArray());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot make record=" + type.getSimpleName(), e);
        }
    }
}
