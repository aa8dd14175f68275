// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

/** What this release does with an option. None is ever accepted and then ignored. */
enum OptionSupport {
    /** It works. */
    YES,
    /** It is refused by name. */
    NOT_YET
}
