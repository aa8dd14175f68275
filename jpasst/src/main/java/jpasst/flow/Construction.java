// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

import java.util.Objects;

import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;

/**
 * The way of the one flow under construction from NEW to ACTIVE or back to FREE: checks each
 * step's conditions, does it, and hands out the object for the next.
 */
final class Construction {
    private final FlowTable table;
    private final TargetChooser chooser;
    private final FlowLog log;
    private final RateLimit refusals;
    private final FlowSide chosen = new FlowSide();
    private final New atNew = new New(this);
    private final Ini atIni = new Ini(this);
    private final Tgt atTgt = new Tgt(this);
    private final Typed atTyped = new Typed(this);
    private Flow flow;
    private FlowStep step;
    private int protocol;

    Construction(FlowTable table, TargetChooser chooser, Log log, FlowLog flowLog) {
        this.table = table;
        this.chooser = chooser;
        this.log = flowLog;
        this.refusals = new RateLimit(log, Level.ERROR);
    }

    /** The flow under construction, or null. */
    Flow flow() {
        return flow;
    }

    /** Begins with an entry just taken out of the free ones. */
    New begin(Flow taken) {
        flow = taken;
        flow.moveTo(FlowState.NEW, log);
        return to(atNew);
    }

    /** NEW to INI; the addresses are in the flow already. */
    Ini initiate(Pif pif) {
        flow.require(pif != Pif.NONE && flow.pif(0) == Pif.NONE && flow.pif(1) == Pif.NONE
            && flow.type() == FlowType.NONE, "be initiated from there");
        flow.initiate(pif);
        flow.moveTo(FlowState.INI, log);
        return to(atIni);
    }

    /** INI to TGT, or null, and still INI, if refused. */
    Tgt target(int protocol, int ruleHint) {
        Pif pif = chooser.choose(flow.pif(0), flow.side(0), protocol, ruleHint, chosen);
        if (pif == Pif.NONE) {
            logRefusal(protocol);
            return null;
        }
        this.protocol = protocol;
        flow.target(pif, chosen);
        flow.moveTo(FlowState.TGT, log);
        return to(atTgt);
    }

    /** TGT to TYPED. */
    Typed type(FlowType type, Object body) {
        Objects.requireNonNull(body, "body");
        if (type.protocol() != protocol || !table.hasHandler(type)) {
            throw new IllegalStateException(
                "type " + type.name() + " without handler, or not of protocol " + protocol);
        }
        flow.type(type, body);
        flow.moveTo(FlowState.TYPED, log);
        return to(atTyped);
    }

    /** TYPED to ACTIVE. */
    Flow activate() {
        Flow made = flow;
        made.moveTo(FlowState.ACTIVE, log);
        end();
        table.activated(made);
        return made;
    }

    /** Any step to FREE. */
    void cancel() {
        flow.require(!flow.isHashed(), "be cancelled: it is in the hash");
        Flow cancelled = flow;
        cancelled.moveTo(FlowState.FREE, log);
        cancelled.clear();
        end();
        table.cancelled(cancelled);
    }

    private void end() {
        step.usable(false);
        step = null;
        flow = null;
    }

    private <S extends FlowStep> S to(S next) {
        if (step != null) {
            step.usable(false);
        }
        next.usable(true);
        step = next;
        return next;
    }

    private void logRefusal(int protocol) {
        if (refusals.permits(table.roundNs())) {
            log.error(flow, "IP protocol " + protocol + " from " + flow.pif(0)
                + " is not forwarded");
        }
    }
}
