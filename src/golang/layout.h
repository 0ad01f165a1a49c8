// Where the fields of Go's runtime structures lie, per release: data, no code.
//
// scripts/go_layouts.py reads this file: behind each member stands the runtime's own name
// of the field ("a | b": renamed in some release; "sizeof f": the size of f), behind each
// group its type, or "var" and the variable. The numbers are in layout_table.c, as the
// DWARF of a program built by that release states them. linux/amd64.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "golang/version.h"

// The release has no such field.
enum { GO_ABSENT = -1 };

// Offsets and sizes in bytes. `size` is the whole structure.
struct go_layout {
	// The releases this is right for, both included. The newest range of a line has
	// no end: `measured` is the newest release of it that was looked at.
	struct go_version first, last, measured;
	struct {
		int32_t stack_lo;           // stack.lo
		int32_t stack_hi;           // stack.hi
		int32_t panics;             // _panic
		int32_t defers;             // _defer
		int32_t m;                  // m
		int32_t sched_sp;           // sched.sp
		int32_t sched_pc;           // sched.pc
		int32_t sched_ctxt;         // sched.ctxt
		int32_t sched_bp;           // sched.bp
		int32_t syscallsp;          // syscallsp
		int32_t syscallpc;          // syscallpc
		int32_t syscallbp;          // syscallbp
		int32_t stktopsp;           // stktopsp
		int32_t param;              // param
		int32_t atomicstatus;       // atomicstatus
		int32_t goid;               // goid
		int32_t schedlink;          // schedlink
		int32_t waitsince;          // waitsince
		int32_t waitreason;         // waitreason
		int32_t preempt_stop;       // preemptStop
		int32_t async_safe_point;   // asyncSafePoint
		int32_t active_stack_chans; // activeStackChans
		int32_t parking_on_chan;    // parkingOnChan
		int32_t coroexit;           // coroexit
		int32_t tracking;           // tracking
		int32_t tracking_seq;       // trackingSeq
		int32_t lockedm;            // lockedm
		int32_t running_cleanups;   // runningCleanups
		int32_t sig;                // sig
		int32_t sigcode0;           // sigcode0
		int32_t sigcode1;           // sigcode1
		int32_t sigpc;              // sigpc
		int32_t parent_goid;        // parentGoid
		int32_t gopc;               // gopc
		int32_t ancestors;          // ancestors
		int32_t startpc;            // startpc
		int32_t waiting;            // waiting
		int32_t cgo_ctxt;           // cgoCtxt
		int32_t labels;             // labels
		int32_t timer;              // timer
		int32_t sleep_when;         // sleepWhen
		int32_t select_done;        // selectDone
		int32_t coroarg;            // coroarg
		int32_t bubble;             // bubble
		int32_t gc_assist_bytes;    // gcAssistBytes
		int32_t size;               // SIZE
	} g;                                // runtime.g
	struct {
		int32_t g0;             // g0
		int32_t procid;         // procid
		int32_t gsignal;        // gsignal
		int32_t tls;            // tls
		int32_t mstartfn;       // mstartfn
		int32_t curg;           // curg
		int32_t p;              // p
		int32_t nextp;          // nextp
		int32_t oldp;           // oldp
		int32_t id;             // id
		int32_t mallocing;      // mallocing
		int32_t throwing;       // throwing
		int32_t preemptoff;     // preemptoff
		int32_t locks;          // locks
		int32_t dying;          // dying
		int32_t profilehz;      // profilehz
		int32_t spinning;       // spinning
		int32_t blocked;        // blocked
		int32_t incgo;          // incgo
		int32_t isextra;        // isextra
		int32_t is_extra_in_c;  // isExtraInC
		int32_t ncgocall;       // ncgocall
		int32_t ncgo;           // ncgo
		int32_t cgo_callers;    // cgoCallers
		int32_t alllink;        // alllink
		int32_t schedlink;      // schedlink
		int32_t lockedg;        // lockedg
		int32_t createstack;    // createstack
		int32_t locked_ext;     // lockedExt
		int32_t locked_int;     // lockedInt
		int32_t syscalltick;    // syscalltick
		int32_t libcallpc;      // libcallpc
		int32_t libcallsp;      // libcallsp
		int32_t libcallg;       // libcallg
		int32_t vdso_sp;        // vdsoSP
		int32_t vdso_pc;        // vdsoPC
		int32_t lock_wait_time; // mLockProfile.waitTime
		int32_t size;           // SIZE
	} m;                            // runtime.m
	struct {
		int32_t id;                      // id
		int32_t status;                  // status
		int32_t link;                    // link
		int32_t schedtick;               // schedtick
		int32_t syscalltick;             // syscalltick
		int32_t m;                       // m
		int32_t mcache;                  // mcache
		int32_t pcache_cache;            // pcache.cache
		int32_t pcache_scav;             // pcache.scav
		int32_t runqhead;                // runqhead
		int32_t runqtail;                // runqtail
		int32_t runq;                    // runq
		int32_t runnext;                 // runnext
		int32_t gfree_count;             // gFree.n | gFree.size
		int32_t gc_assist_time;          // gcAssistTime
		int32_t gc_fractional_mark_time; // gcFractionalMarkTime
		int32_t gc_mark_worker_mode;     // gcMarkWorkerMode
		int32_t stats_seq;               // statsSeq
		int32_t timers;                  // timers.heap.array | timers.array
		int32_t timers_count;            // timers.heap.len | timers.len
		int32_t scanned_stack_size;      // scannedStackSize
		int32_t scanned_stacks;          // scannedStacks
		int32_t preempt;                 // preempt
		int32_t size;                    // SIZE
	} p;                                     // runtime.p
	struct {
		int32_t goidgen;           // goidgen
		int32_t lastpoll;          // lastpoll
		int32_t midle;             // midle
		int32_t nmidle;            // nmidle
		int32_t nmidlelocked;      // nmidlelocked
		int32_t mnext;             // mnext
		int32_t maxmcount;         // maxmcount
		int32_t nmsys;             // nmsys
		int32_t nmfreed;           // nmfreed
		int32_t ngsys;             // ngsys
		int32_t pidle;             // pidle
		int32_t npidle;            // npidle
		int32_t nmspinning;        // nmspinning
		int32_t needspinning;      // needspinning
		int32_t runq_head;         // runq.head
		int32_t runq_size;         // runqsize | runq.size
		int32_t gfree_count;       // gFree.n: from 1.25 on each list has its own
		int32_t gfree_stack_count; // gFree.stack.size
		int32_t gfree_no_stack_count;         // gFree.noStack.size
		int32_t gcwaiting;                    // gcwaiting
		int32_t gcwaiting_size;               // sizeof gcwaiting
		int32_t stopwait;                     // stopwait
		int32_t sysmonwait;                   // sysmonwait
		int32_t sysmonwait_size;              // sizeof sysmonwait
		int32_t procresizetime;               // procresizetime
		int32_t totaltime;                    // totaltime
		int32_t custom_gomaxprocs;            // customGOMAXPROCS
		int32_t idle_time;                    // idleTime
		int32_t total_mutex_wait_time;        // totalMutexWaitTime
		int32_t total_runtime_lock_wait_time; // totalRuntimeLockWaitTime
		int32_t goroutines_created;           // goroutinesCreated
		int32_t size;                         // SIZE
	} sched;                                      // runtime.schedt
	struct {
		int32_t bytes_marked;           // bytesMarked
		int32_t mode;                   // mode
		int32_t user_forced;            // userForced
		int32_t initial_heap_live;      // initialHeapLive
		int32_t cycles;                 // cycles
		int32_t stwprocs;               // stwprocs
		int32_t maxprocs;               // maxprocs
		int32_t t_sweep_term;           // tSweepTerm
		int32_t t_mark;                 // tMark
		int32_t t_mark_term;            // tMarkTerm
		int32_t t_end;                  // tEnd
		int32_t pause_ns;               // pauseNS
		int32_t heap0;                  // heap0
		int32_t heap1;                  // heap1
		int32_t heap2;                  // heap2
		int32_t totaltime;              // totaltime
		int32_t cpu_stats;              // cpuStats
		int32_t goroutine_leak_enabled; // goroutineLeak.enabled
		int32_t goroutine_leak_pending; // goroutineLeak.pending
		int32_t goroutine_leak_done;    // goroutineLeak.done
		int32_t size;                   // SIZE
	} work;                                 // var runtime.work
	struct {
		int32_t gc_assist_time;       // GCAssistTime
		int32_t gc_dedicated_time;    // GCDedicatedTime
		int32_t gc_idle_time;         // GCIdleTime
		int32_t gc_pause_time;        // GCPauseTime
		int32_t gc_total_time;        // GCTotalTime
		int32_t scavenge_assist_time; // ScavengeAssistTime
		int32_t scavenge_bg_time;     // ScavengeBgTime
		int32_t scavenge_total_time;  // ScavengeTotalTime
		int32_t idle_time;            // IdleTime
		int32_t user_time;            // UserTime
		int32_t total_time;           // TotalTime
		int32_t size;                 // SIZE
	} cpu_stats;                          // runtime.cpuStats
	struct {
		int32_t gc_percent;             // gcPercent
		int32_t memory_limit;           // memoryLimit
		int32_t heap_minimum;           // heapMinimum
		int32_t runway;                 // runway
		int32_t cons_mark;              // consMark
		int32_t gc_percent_heap_goal;   // gcPercentHeapGoal
		int32_t sweep_dist_min_trigger; // sweepDistMinTrigger
		int32_t triggered;              // triggered
		int32_t last_heap_goal;         // lastHeapGoal
		int32_t heap_live;              // heapLive
		int32_t heap_scan;              // heapScan
		int32_t last_heap_scan;         // lastHeapScan
		int32_t last_stack_scan;        // lastStackScan
		int32_t max_stack_scan;         // maxStackScan
		int32_t globals_scan;           // globalsScan
		int32_t heap_marked;            // heapMarked
		int32_t assist_time;            // assistTime
		int32_t dedicated_mark_time;    // dedicatedMarkTime
		int32_t fractional_mark_time;   // fractionalMarkTime
		int32_t idle_mark_time;         // idleMarkTime
		int32_t mark_start_time;        // markStartTime
		int32_t heap_in_use;            // heapInUse
		int32_t heap_released;          // heapReleased
		int32_t heap_free;              // heapFree
		int32_t total_alloc;            // totalAlloc
		int32_t total_free;             // totalFree
		int32_t mapped_ready;           // mappedReady
		int32_t size;                   // SIZE
	} gc_controller;                        // var runtime.gcController
	struct {
		int32_t heap_stats;       // heapStats.stats
		int32_t heap_stats_gen;   // heapStats.gen
		int32_t stacks_sys;       // stacks_sys
		int32_t mspan_sys;        // mspan_sys
		int32_t mcache_sys;       // mcache_sys
		int32_t buckhash_sys;     // buckhash_sys
		int32_t gc_misc_sys;      // gcMiscSys
		int32_t other_sys;        // other_sys
		int32_t last_gc_unix;     // last_gc_unix
		int32_t pause_total_ns;   // pause_total_ns
		int32_t pause_ns;         // pause_ns
		int32_t pause_end;        // pause_end
		int32_t numgc;            // numgc
		int32_t numforcedgc;      // numforcedgc
		int32_t gc_cpu_fraction;  // gc_cpu_fraction
		int32_t last_gc_nanotime; // last_gc_nanotime
		int32_t last_heap_in_use; // lastHeapInUse
		int32_t enablegc;         // enablegc
		int32_t size;             // SIZE
	} memstats;                       // var runtime.memstats
	struct {
		int32_t committed;          // committed
		int32_t released;           // released
		int32_t in_heap;            // inHeap
		int32_t in_stacks;          // inStacks
		int32_t in_work_bufs;       // inWorkBufs
		int32_t in_ptr_scalar_bits; // inPtrScalarBits
		int32_t tiny_alloc_count;   // tinyAllocCount
		int32_t large_alloc;        // largeAlloc
		int32_t large_alloc_count;  // largeAllocCount
		int32_t small_alloc_count;  // smallAllocCount
		int32_t large_free;         // largeFree
		int32_t large_free_count;   // largeFreeCount
		int32_t small_free_count;   // smallFreeCount
		int32_t size;               // SIZE
	} heap_stats_delta;                 // runtime.heapStatsDelta
	struct {
		int32_t next_sample;   // nextSample
		int32_t mem_prof_rate; // memProfRate
		int32_t scan_alloc;    // scanAlloc
		int32_t tiny;          // tiny
		int32_t tinyoffset;    // tinyoffset
		int32_t tiny_allocs;   // tinyAllocs
		int32_t alloc;         // alloc
		int32_t alloc_size;    // sizeof alloc
		int32_t stackcache;    // stackcache
		int32_t flush_gen;     // flushGen
		int32_t size;          // SIZE
	} mcache;                      // runtime.mcache
	struct {
		int32_t start_addr;               // startAddr
		int32_t npages;                   // npages
		int32_t manual_free_list;         // manualFreeList
		int32_t freeindex;                // freeindex
		int32_t freeindex_size;           // sizeof freeindex
		int32_t nelems;                   // nelems
		int32_t nelems_size;              // sizeof nelems
		int32_t free_index_for_scan;      // freeIndexForScan
		int32_t alloc_cache;              // allocCache
		int32_t alloc_bits;               // allocBits
		int32_t gcmark_bits;              // gcmarkBits
		int32_t pinner_bits;              // pinnerBits
		int32_t sweepgen;                 // sweepgen
		int32_t alloc_count;              // allocCount
		int32_t spanclass;                // spanclass
		int32_t state;                    // state
		int32_t needzero;                 // needzero
		int32_t alloc_count_before_cache; // allocCountBeforeCache
		int32_t elemsize;                 // elemsize
		int32_t limit;                    // limit
		int32_t specials;                 // specials
		int32_t large_type;               // largeType
		int32_t size;                     // SIZE
	} mspan;                                  // runtime.mspan
	struct {
		int32_t sweepgen;         // sweepgen
		int32_t allspans;         // allspans
		int32_t arenas;           // arenas
		int32_t spanalloc_inuse;  // spanalloc.inuse
		int32_t cachealloc_inuse; // cachealloc.inuse
		int32_t size;             // SIZE
	} mheap;                          // var runtime.mheap_
	struct {
		int32_t bitmap;                         // bitmap
		int32_t no_more_ptrs;                   // noMorePtrs
		int32_t spans;                          // spans
		int32_t page_in_use;                    // pageInUse
		int32_t page_marks;                     // pageMarks
		int32_t page_specials;                  // pageSpecials
		int32_t page_use_span_inline_mark_bits; // pageUseSpanInlineMarkBits
		int32_t zeroed_base;                    // zeroedBase
		int32_t size;                           // SIZE
	} heap_arena;                                   // runtime.heapArena
	struct {
		int32_t next;        // next
		int32_t offset;      // offset
		int32_t offset_size; // sizeof offset
		int32_t kind;        // kind
		int32_t size;        // SIZE
	} special;                   // runtime.special
	struct {
		int32_t b;    // b
		int32_t size; // SIZE
	} special_profile;    // runtime.specialprofile
	struct {
		int32_t next;        // next
		int32_t allnext;     // allnext
		int32_t typ;         // typ
		int32_t hash;        // hash
		int32_t bucket_size; // size: of one object of the bucket
		int32_t nstk;        // nstk
		int32_t size;        // SIZE: where the stack begins
	} bucket;                    // runtime.bucket
	struct {
		int32_t allocs;      // allocs
		int32_t frees;       // frees
		int32_t alloc_bytes; // alloc_bytes
		int32_t free_bytes;  // free_bytes
		int32_t size;        // SIZE
	} mem_record_cycle;          // runtime.memRecordCycle
	struct {
		int32_t active; // active
		int32_t future; // future
		int32_t size;   // SIZE
	} mem_record;           // runtime.memRecord
	struct {
		int32_t count;  // count
		int32_t cycles; // cycles
		int32_t size;   // SIZE
	} block_record;         // runtime.blockRecord
	struct {
		int32_t start_ticks; // startTicks
		int32_t start_time;  // startTime
		int32_t val;         // val
		int32_t size;        // SIZE
	} ticks;                     // var runtime.ticks
	struct {
		int32_t g;           // g
		int32_t next;        // next
		int32_t prev;        // prev
		int32_t elem;        // elem.vu | elem
		int32_t acquiretime; // acquiretime
		int32_t releasetime; // releasetime
		int32_t ticket;      // ticket
		int32_t is_select;   // isSelect
		int32_t success;     // success
		int32_t parent;      // parent
		int32_t waitlink;    // waitlink
		int32_t waittail;    // waittail
		int32_t c;           // c.maybeTraceablePtr.vu | c
		int32_t size;        // SIZE
	} sudog;                     // runtime.sudog
	struct {
		int32_t qcount;   // qcount
		int32_t dataqsiz; // dataqsiz
		int32_t buf;      // buf
		int32_t elemsize; // elemsize
		int32_t closed;   // closed
		int32_t timer;    // timer
		int32_t elemtype; // elemtype
		int32_t sendx;    // sendx
		int32_t recvx;    // recvx
		int32_t recvq;    // recvq
		int32_t sendq;    // sendq
		int32_t bubble;   // bubble
		int32_t size;     // SIZE
	} hchan;                  // runtime.hchan
	struct {
		int32_t pc_header;       // pcHeader
		int32_t funcnametab;     // funcnametab
		int32_t pclntable;       // pclntable
		int32_t ftab;            // ftab
		int32_t minpc;           // minpc
		int32_t maxpc;           // maxpc
		int32_t text;            // text
		int32_t etext;           // etext
		int32_t noptrdata;       // noptrdata
		int32_t enoptrdata;      // enoptrdata
		int32_t data;            // data
		int32_t edata;           // edata
		int32_t bss;             // bss
		int32_t ebss;            // ebss
		int32_t noptrbss;        // noptrbss
		int32_t enoptrbss;       // enoptrbss
		int32_t end;             // end
		int32_t gcdata;          // gcdata
		int32_t gcbss;           // gcbss
		int32_t types;           // types
		int32_t etypes;          // etypes
		int32_t rodata;          // rodata
		int32_t gofunc;          // gofunc
		int32_t textsectmap;     // textsectmap
		int32_t pluginpath;      // pluginpath
		int32_t modulename;      // modulename
		int32_t hasmain;         // hasmain
		int32_t gcdatamask;      // gcdatamask.bytedata
		int32_t gcdatamask_bits; // gcdatamask.n
		int32_t gcbssmask;       // gcbssmask.bytedata
		int32_t gcbssmask_bits;  // gcbssmask.n
		int32_t next;            // next
		int32_t size;            // SIZE
	} moduledata;                    // runtime.moduledata
	struct {
		int32_t cgocheck;                  // cgocheck
		int32_t gctrace;                   // gctrace
		int32_t schedtrace;                // schedtrace
		int32_t scheddetail;               // scheddetail
		int32_t scavtrace;                 // scavtrace
		int32_t gcpacertrace;              // gcpacertrace
		int32_t invalidptr;                // invalidptr
		int32_t madvdontneed;              // madvdontneed
		int32_t tracebackancestors;        // tracebackancestors
		int32_t tracebacklabels;           // tracebacklabels
		int32_t asyncpreemptoff;           // asyncpreemptoff
		int32_t profstackdepth;            // profstackdepth
		int32_t runtime_contention_stacks; // runtimeContentionStacks
		int32_t inittrace;                 // inittrace
		int32_t size;                      // SIZE
	} debug;                                   // var runtime.debug
	struct {
		int32_t when;   // when
		int32_t period; // period
		int32_t f;      // f
		int32_t arg;    // arg.data
		int32_t seq;    // seq
		int32_t size;   // SIZE
	} timer;                // runtime.timer
	struct {
		int32_t id;   // id
		int32_t size; // SIZE
	} bubble;             // runtime.synctestBubble
	struct {
		int32_t argp;      // argp
		int32_t arg_type;  // arg._type
		int32_t arg_data;  // arg.data
		int32_t link;      // link
		int32_t pc;        // pc
		int32_t sp;        // sp
		int32_t recovered; // recovered
		int32_t goexit;    // goexit
		int32_t size;      // SIZE
	} panic;                   // runtime._panic
	struct {
		int32_t sp;   // sp
		int32_t pc;   // pc
		int32_t fn;   // fn
		int32_t link; // link
		int32_t size; // SIZE
	} defer;              // runtime._defer
	struct {
		int32_t size_;     // size | Size_
		int32_t ptr_bytes; // ptrdata | PtrBytes
		int32_t tflag;     // tflag | TFlag
		int32_t kind;      // kind | Kind_
		int32_t gcdata;    // gcdata | GCData
		int32_t str;       // str | Str
		int32_t size;      // SIZE
	} type;                    // runtime._type | internal/abi.Type
};

// The layout of that release; NULL when the table has none, or when the program was built
// with a GOEXPERIMENT that is not known to leave the structures alone.
const struct go_layout *go_layout_find(struct go_version version);

// Whether a release of the layout's range was looked at itself or is older than one that
// was; a newer one is trusted only as far as checks of the process confirm it.
bool go_layout_is_measured(const struct go_layout *layout, struct go_version version);

// The ends of the table, for messages about releases that are not in it.
struct go_version go_layout_oldest(void);
struct go_version go_layout_newest(void);
