package dev.toehold.perf.simulation;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.ReturnInstruction;
import java.util.function.Consumer;

/**
 * One method of the code under test, changed as a programmer might get it wrong. The change is made to the class as it is loaded
 * ({@link SeededBugLoader}), so the code itself knows nothing of it.
 *
 * @param name what is wrong
 * @param className as in {@code dev.toehold.tcp.Persist}
 * @param method name of a method of it; each of that name is changed
 */
record SeededBug(String name, String className, String method, MethodTransform change) {
    /** The method does nothing. */
    static SeededBug skip(String name, String className, String method) {
        return replace(name, className, method, CodeBuilder::return_);
    }

    /** The method only says yes or no, or a number. */
    static SeededBug constant(String name, String className, String method, int value) {
        return replace(name, className, method, code -> code.loadConstant(value).ireturn());
    }

    /** The method, whose result is an int, only returns the int argument in this slot. */
    static SeededBug argument(String name, String className, String method, int slot) {
        return replace(name, className, method, code -> code.iload(slot).ireturn());
    }

    /** The result is changed before it is returned. */
    static SeededBug result(String name, String className, String method, Consumer<CodeBuilder> more) {
        return new SeededBug(name, className, method, MethodTransform.transformingCode((code, element) -> {
            if (element instanceof ReturnInstruction returning && returning.typeKind() != TypeKind.VOID) {
                more.accept(code);
            }
            code.with(element);
        }));
    }

    /** Something else happens first. */
    static SeededBug before(String name, String className, String method, Consumer<CodeBuilder> first) {
        return new SeededBug(name, className, method, MethodTransform.transformingCode(CodeTransform.ofStateful(() -> {
            boolean[] isDone = {false};
            return (code, element) -> {
                if (!isDone[0]) {
                    isDone[0] = true;
                    first.accept(code);
                }
                code.with(element);
            };
        })));
    }

    private static SeededBug replace(String name, String className, String method, Consumer<CodeBuilder> body) {
        return new SeededBug(name, className, method, (builder, element) -> {
            if (element instanceof CodeModel) {
                builder.withCode(body);
            } else {
                builder.with(element);
            }
        });
    }

    /** The class with the bug in it. */
    byte[] applyTo(byte[] bytes) {
        ClassFile format = ClassFile.of();
        ClassModel model = format.parse(bytes);
        if (model.methods().stream().noneMatch(this::isIt)) {
            throw new AssertionError("the seeded bug \"" + name + "\" no longer applies: " + className
                    + " has no method " + method + "; plant it in what took its place");
        }
        return format.transformClass(model, (builder, element) -> {
            if (element instanceof MethodModel candidate && isIt(candidate)) {
                builder.transformMethod(candidate, change);
            } else {
                builder.with(element);
            }
        });
    }

    private boolean isIt(MethodModel candidate) {
        return candidate.methodName().equalsString(method);
    }

    @Override
    public String toString() {
        return name;
    }
}
