// SPDX-License-Identifier: Apache-2.0
export default { plugins: { "postcss-preset-mantine": {} } };
