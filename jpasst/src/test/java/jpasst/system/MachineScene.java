// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A lab with a virtual machine in it, which test classes share one after the other: the whole run
 * boots it once. A method gets it as a parameter, and leaves it without a card.
 */
record MachineScene(Lab lab, VirtualMachine machine) implements AutoCloseable {
    private static MachineScene open() {
        var lab = Lab.open();
        try {
            return new MachineScene(lab, VirtualMachine.boot(lab));
        } catch (RuntimeException | AssertionError failure) {
            lab.close();
            throw failure;
        }
    }

    /** Starts passt with these options and plugs in a card which leads to it. */
    Plugged plug(String... options) {
        var passt = Passt.start(lab, "passt-" + System.nanoTime(), options);
        try {
            machine.plug(passt.socket());
            return new Plugged(machine, passt);
        } catch (RuntimeException | AssertionError failure) {
            passt.close();
            throw failure;
        }
    }

    @Override
    public void close() {
        machine.close();
        lab.close();
    }

    /** A card and the passt behind it; closing takes away both. */
    record Plugged(VirtualMachine machine, Passt passt) implements AutoCloseable {
        @Override
        public void close() {
            try (passt) {
                machine.unplug();
            }
        }
    }

    /** Hands the one scene of the run to whoever asks. */
    static final class Provider implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == MachineScene.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot().getStore(Namespace.create(MachineScene.class))
                    .getOrComputeIfAbsent(MachineScene.class, _ -> open());
        }
    }
}
