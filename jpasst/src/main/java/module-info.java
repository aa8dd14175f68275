// SPDX-License-Identifier: Apache-2.0

/** passt and pasta: full network connectivity for guests and namespaces, without privilege. */
module jpasst {
}
