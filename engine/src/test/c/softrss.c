/* SPDX-License-Identifier: Apache-2.0
 *
 * softrss KEY TUPLE...: prints what DPDK's rte_softrss makes of each tuple, for ToeplitzHashTest. All in hexadecimal; a tuple is source
 * address, destination address, source port, destination port as on the wire, 12 or 36 bytes.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <rte_thash.h>

static size_t parse(const char *hex, uint8_t *bytes, size_t most)
{
	size_t length = strlen(hex) / 2;

	for (size_t i = 0; i < length && i < most; i++) {
		unsigned int value;

		if (sscanf(hex + 2 * i, "%2x", &value) != 1)
			return 0;
		bytes[i] = (uint8_t)value;
	}
	return length;
}

int main(int argc, char **argv)
{
	uint8_t key[40];

	if (argc < 3 || parse(argv[1], key, sizeof(key)) != sizeof(key))
		return 2;
	for (int i = 2; i < argc; i++) {
		uint32_t words[9];
		size_t length = parse(argv[i], (uint8_t *)words, sizeof(words));

		if (length != 12 && length != 36)
			return 2;
		/* The function wants each word in the processor's order, the two ports together as one. */
		for (size_t k = 0; k < length / 4; k++)
			words[k] = ntohl(words[k]);
		printf("%08x\n", rte_softrss(words, (uint32_t)(length / 4), key));
	}
	return 0;
}
