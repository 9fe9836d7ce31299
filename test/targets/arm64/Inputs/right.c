extern int shared_left(int);
extern int outside(const char *);
int table[4] = {5, 6, 7, 8};
char zeros_of_right[100];
static const char *const names[] = {"a string", "another string"};
int *right_pointer(int x) { return &table[shared_left(x) & 3]; }
int keep_right(int x) { return outside(names[x & 1]) + zeros_of_right[x]; }
