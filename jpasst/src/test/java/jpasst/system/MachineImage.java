// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a virtual machine boots from, made by {@code jpasst/src/test/guest/build}: once for each
 * build of the tree, into its {@code target} directory.
 */
record MachineImage(Path kernel, Path initramfs) {
    private static final String SCRIPT = "jpasst/src/test/guest/build";

    /** The image, after a download of some ten megabytes and some seconds where there is none. */
    static MachineImage get() {
        var root = treeRoot();
        var directory = root.resolve("jpasst/target/guest");
        Tool.run(root.resolve(SCRIPT).toString(), directory.toString());
        return new MachineImage(directory.resolve("kernel"), directory.resolve("initramfs"));
    }

    private static Path treeRoot() {
        for (var at = Path.of("").toAbsolutePath(); at != null; at = at.getParent())
            if (Files.exists(at.resolve(SCRIPT))) return at;
        throw new AssertionError("no " + SCRIPT + " here or above");
    }
}
