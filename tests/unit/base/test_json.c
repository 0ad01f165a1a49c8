// JSON text is valid whatever the strings hold.
#include "base/error.h"
#include "base/json.h"
#include "base/writer.h"
#include "test.h"

TEST(json_escapes_and_punctuates)
{
	struct writer w = writer_to_memory();
	struct json j = json_to(&w);

	json_object_begin(&j);
	json_key_string(&j, "a\"b", STR("<x>\n\xff\xc3\xa9"));
	json_key(&j, "list");
	json_array_begin(&j);
	json_i64(&j, -5);
	json_double(&j, 0.5);
	json_null(&j);
	json_array_begin(&j);
	json_array_end(&j);
	json_array_end(&j);
	json_key_bool(&j, "t", true);
	json_object_end(&j);
	CHECK_STR(writer_contents(&w),
		  "{\"a\\\"b\":\"\\u003cx\\u003e\\n\xef\xbf\xbd\xc3\xa9\","
		  "\"list\":[-5,0.5,null,[]],\"t\":true}");
	writer_deinit(&w);
}
