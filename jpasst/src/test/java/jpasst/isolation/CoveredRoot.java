// SPDX-License-Identifier: Apache-2.0
package jpasst.isolation;

import java.io.File;

/** Tells what it sees after it changed its root directory in the second best way. */
final class CoveredRoot {
    private CoveredRoot() {
    }

    public static void main(String[] arguments) {
        EmptyRoot.enterDirectory();
        EmptyRoot.coverRoot();
        System.out.println("/ has " + new File("/").list().length + " files");
        System.out.println("/etc/passwd: " + new File("/etc/passwd").exists());
    }
}
