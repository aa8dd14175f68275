// SPDX-License-Identifier: Apache-2.0
/** Shuts the program in. */
package jpasst.isolation;
