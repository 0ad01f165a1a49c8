/*
 * Programs of known leaks, one for each word on the command line. Blocks are made and
 * let go of in calls of their own and the stack is wiped behind them, so that no word
 * left over decides what is lost.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct node {
	struct node *left, *right;
	char pad[24];
};

static void *volatile kept[8];
static void **mapped;

#define APART __attribute__((noinline))

static APART void wipe(void)
{
	volatile char room[64 << 10];

	memset((char *)room, 0, sizeof(room));
}

static APART struct node *make_list(int count)
{
	struct node *head = NULL;

	while (count-- > 0) {
		struct node *node = calloc(1, sizeof(*node));

		node->left = head;
		head = node;
	}
	return head;
}

static APART struct node *make_tree(int depth)
{
	struct node *node = calloc(1, sizeof(*node));

	if (depth > 1) {
		node->left = make_tree(depth - 1);
		node->right = make_tree(depth - 1);
	}
	return node;
}

static APART struct node *make_ring(int count)
{
	struct node *first = make_list(count), *last = first;

	while (last->left != NULL)
		last = last->left;
	last->left = first;
	return first;
}

static APART void list(void)
{
	struct node *volatile lost = make_list(50);

	kept[0] = make_list(30);
	lost = NULL;
	(void)lost;
}

static APART void tree(void)
{
	struct node *volatile lost = make_tree(6);

	kept[0] = make_tree(5);
	lost = NULL;
	(void)lost;
}

static APART void ring(void)
{
	struct node *volatile lost = make_ring(20);

	kept[0] = make_ring(10);
	lost = make_ring(3);
	lost = NULL;
	(void)lost;
}

static APART void interior(void)
{
	struct node *block;

	kept[0] = (char *)make_list(4) + 8;
	block = make_list(1);
	block->left = (struct node *)((char *)make_list(7) + 16);
	kept[1] = block;
	// Its only pointer is to one byte behind its end: lost.
	kept[2] = (char *)malloc(40) + 40;
}

static APART void sizes(void)
{
	for (size_t i = 0; i < 12; i++) {
		kept[0] = malloc((size_t)1 << i);
		kept[1] = malloc(((size_t)3 << i) + 1);
	}
	kept[0] = malloc(1 << 20);
	kept[1] = calloc(3, 1 << 20);
	kept[2] = NULL;
	kept[2] = realloc(malloc(10), 3000);
	kept[2] = aligned_alloc(256, 512);
}

// Freed blocks leave the allocator's pointers behind, in them and in its own state.
static APART void freed(void)
{
	enum { COUNT = 400 };
	void **blocks = calloc(COUNT, sizeof(*blocks));

	for (int i = 0; i < COUNT; i++)
		blocks[i] = calloc(1, 24 + (size_t)(i % 40) * 16);
	for (int i = 0; i < COUNT; i++) {
		if (i % 3 != 0)
			free(blocks[i]);
		else if (i % 2 != 0)
			kept[i % 8] = blocks[i];
		blocks[i] = NULL;
	}
	free(blocks);
}

static APART void mapping(void)
{
	mapped = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, 0);
	mapped[100] = make_list(9);
}

static __thread void *of_thread;
static pthread_barrier_t barrier;

static APART void fill_thread(void)
{
	of_thread = make_list(11);
	kept[0] = make_list(2);
	kept[0] = NULL;
}

// As run is.
static APART void fill_deeper(void)
{
	volatile char room[512];

	room[0] = room[511] = 0;
	fill_thread();
}

static void *run_waiting(void *argument)
{
	struct node *volatile on_stack = make_list(5);

	(void)argument;
	fill_deeper();
	wipe();
	pthread_barrier_wait(&barrier);
	pause();
	return on_stack;
}

static void *run_ending(void *argument)
{
	struct node *volatile on_stack = make_list(13);

	(void)argument;
	(void)on_stack;
	return NULL;
}

static APART void threads(void)
{
	pthread_t waiting, ending;

	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&ending, NULL, run_ending, NULL);
	pthread_join(ending, NULL);
	pthread_create(&waiting, NULL, run_waiting, NULL);
	pthread_barrier_wait(&barrier);
}

// Deeper than wipe's own frame, of which only the room is wiped.
static APART void run(const char *name)
{
	volatile char room[512];

	static const struct {
		const char *name;
		void (*run)(void);
	} rows[] = {
		{ "list", list },         { "tree", tree },       { "ring", ring },
		{ "interior", interior }, { "sizes", sizes },     { "freed", freed },
		{ "mapping", mapping },   { "threads", threads },
	};

	room[0] = room[511] = 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(name, rows[i].name) == 0)
			rows[i].run();
	}
}

int main(int argc, char **argv)
{
	if (argc > 1)
		run(argv[1]);
	wipe();
	return 0;
}
