// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

/**
 * One entry of the flow table: what flows of all types have in common, and a body of the type's
 * own. It stays at its index for life and is used again by later flows, at any index, so nobody
 * keeps a reference beyond the deferred pass that frees it. Loop thread only.
 *
 * <p>Side 0 is the initiating side, side 1 the target, for all types.
 */
public final class Flow {
    /** A tap MAC address that is not known yet: all ones. */
    public static final long TAP_MAC_UNKNOWN = 0xffff_ffff_ffffL;

    private final FlowSide initiating = new FlowSide(true);
    private final FlowSide target = new FlowSide(true);
    private int index;
    private FlowState state = FlowState.FREE;
    private FlowType type = FlowType.NONE;
    private Pif initiatingPif = Pif.NONE;
    private Pif targetPif = Pif.NONE;
    private int hashedSides; // bit n: side n is in the hash
    private long tapMac = TAP_MAC_UNKNOWN;
    private Object body;

    /** Gives the entry, which is FREE, its place for the next flow's life. */
    void place(int index) {
        this.index = index;
    }

    /** Where in the table it is, 0 to 131070. */
    public int index() {
        return index;
    }

    /** How much of it is complete. */
    public FlowState state() {
        return state;
    }

    /** Its type; {@link FlowType#NONE} before TYPED. */
    public FlowType type() {
        return type;
    }

    /** The interface of side 0 or 1; {@link Pif#NONE} before INI or TGT respectively. */
    public Pif pif(int side) {
        return side == 0 ? initiatingPif : targetPif;
    }

    /** Addresses of side 0, from INI on, or of side 1, from TGT on. */
    public FlowSide side(int side) {
        assert state.isAtLeast(side == 0 ? FlowState.INI : FlowState.TGT) : state;
        return side == 0 ? initiating : target;
    }

    /** The reference to side 0 or 1 of this flow. */
    public int sidx(int side) {
        return Sidx.of(index, side);
    }

    /** The side, 0 or 1, which is on an interface, or -1. */
    public int sideOn(Pif pif) {
        return initiatingPif == pif ? 0 : targetPif == pif ? 1 : -1;
    }

    /**
     * The source MAC address of frames to the guest for this flow, 48 bits, or
     * {@link #TAP_MAC_UNKNOWN} until resolved.
     */
    public long tapMac() {
        return tapMac;
    }

    /**
     * Resolves the tap MAC address, once.
     *
     * @throws IllegalStateException if it is known already, or the flow is not TYPED or ACTIVE
     */
    public void resolveTapMac(long mac) {
        require(state.isAtLeast(FlowState.TYPED) && tapMac == TAP_MAC_UNKNOWN, "set the tap MAC");
        tapMac = mac;
    }

    /**
     * The body its protocol attached, from TYPED on.
     *
     * @param <T> what the protocol attached
     * @throws IllegalStateException before TYPED
     */
    @SuppressWarnings("unchecked")
    public <T> T body() {
        require(body != null, "read the body");
        return (T) body;
    }

    /**
     * Completes our address and port of a side, which the kernel chose: of side 0 in INI, before
     * the target is chosen; of side 1 in TYPED, before that side is in the hash.
     *
     * @throws IllegalStateException at any other time
     */
    public void refineOur(int side, long high, long low, int port) {
        boolean legal = side == 0 ? state == FlowState.INI : state == FlowState.TYPED;
        require(legal && !isHashed(side), "change our address");
        (side == 0 ? initiating : target).assignOur(high, low, port);
    }

    FlowSide sideInAnyState(int side) {
        return side == 0 ? initiating : target;
    }

    void initiate(Pif pif) {
        initiatingPif = pif;
    }

    void target(Pif pif, FlowSide side) {
        targetPif = pif;
        target.assign(side);
    }

    void type(FlowType type, Object body) {
        this.type = type;
        this.body = body;
    }

    /** The one place where a state changes: checked against the legal steps, and logged. */
    void moveTo(FlowState next, FlowLog log) {
        var old = state;
        if (!old.mayBecome(next)) {
            throw illegal("become " + next);
        }
        state = next;
        if (log.debugging()) {
            log.stateChange(this, old);
        }
    }

    /** Empties the entry, which is FREE already. */
    void clear() {
        type = FlowType.NONE;
        initiatingPif = Pif.NONE;
        targetPif = Pif.NONE;
        initiating.assign(0, 0, 0, 0, 0, 0);
        target.assign(0, 0, 0, 0, 0, 0);
        tapMac = TAP_MAC_UNKNOWN;
        body = null;
    }

    boolean isHashed(int side) {
        return (hashedSides & 1 << side) != 0;
    }

    boolean isHashed() {
        return hashedSides != 0;
    }

    void hashed(int side, boolean present) {
        hashedSides = present ? hashedSides | 1 << side : hashedSides & ~(1 << side);
    }

    void require(boolean legal, String what) {
        if (!legal) {
            throw illegal(what);
        }
    }

    private IllegalStateException illegal(String what) {
        return new IllegalStateException(
            "Flow " + index + " in state " + state.name() + " cannot " + what);
    }
}
