// SPDX-License-Identifier: Apache-2.0
package jpasst.tap;

/** Is told when the guest's end of a {@link StreamTap} comes and goes. Loop thread only. */
public interface StreamClientWatch {
    /** A client is there: frames reach it from now on. */
    void connected();

    /** The client is gone. */
    void disconnected();
}
