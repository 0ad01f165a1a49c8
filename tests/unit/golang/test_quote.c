// Strings as the runtime and fmt quote them.
#include "golang/quote.h"

#include "base/writer.h"
#include "test.h"

TEST(quote_escapes_as_the_runtime_does)
{
	struct writer w = writer_to_memory();

	quote_write_runtime(&w, STR("a \"b\" \\ \n\x01\xc3\xa9\xf0\x9f\x98\x80\xff"));
	CHECK_STR(writer_contents(&w),
		  "\"a \\\"b\\\" \\\\ \\n\\x01\\u00e9\\U0001f600\\ufffd\"");
	writer_deinit(&w);
}

TEST(quote_keeps_letters_beyond_ascii)
{
	struct writer w = writer_to_memory();

	quote_write(&w, STR("caf\xc3\xa9\t"));
	CHECK_STR(writer_contents(&w), "\"caf\xc3\xa9\\t\"");
	writer_deinit(&w);
}
