// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import jpasst.addr.Ip;
import jpasst.addr.IpAddress;

/**
 * An address that packets teach, in the two words they carry it in. It may change with each
 * packet, so it is overwritten in place. Loop thread only, once the loop runs.
 */
public final class LearnedAddress {
    private long high;
    private long low;

    LearnedAddress() {}

    /** First half; meaningless unless known. */
    public long high() {
        return high;
    }

    /** Second half; meaningless unless known. */
    public long low() {
        return low;
    }

    /** Whether there is an address. */
    public boolean isKnown() {
        return !Ip.isUnspecified(high, low);
    }

    /** Whether it is known, and this one. */
    public boolean is(long high, long low) {
        return this.low == low && this.high == high && isKnown();
    }

    /** The address as a value, null if it is not known. */
    public IpAddress value() {
        return isKnown() ? new IpAddress(high, low) : null;
    }

    /** Sets it; null for not known. */
    public void value(IpAddress address) {
        if (address == null) {
            set(0, 0);
        } else {
            set(address.high(), address.low());
        }
    }

    void set(long high, long low) {
        this.high = high;
        this.low = low;
    }

    /** The address as text, or "unknown". */
    @Override
    public String toString() {
        return isKnown() ? Ip.text(high, low) : "unknown";
    }
}
