/* Every way in which an object can point at something: calls, addresses of code, data, strings and zeros, with and
 * without an offset, inside the object, to the other one and outside. */
extern int outside(const char *);
extern int table[4];
extern int *right_pointer(int);
extern char zeros_of_right[100];
static int own(int x) { return x * 3; }
static const int numbers[4] = {1, 2, 3, 4};
int (*const functions[])(int) = {own, 0};
int *const inside_table = &table[2];
static long distance = (long)&numbers; /* a pointer in writable data */
static char zeros[64];

int shared_left(int x) { return functions[x & 1](x) + numbers[x & 3] + zeros[x & 63]; }
int keep_left(int x) {
  zeros[x & 63] = 1;
  zeros_of_right[5] = (char)distance;
  return outside("a string") + *right_pointer(x) + table[3] + *inside_table;
}
