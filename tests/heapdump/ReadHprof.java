// Opens an HPROF file with the heap library of NetBeans and VisualVM, and prints what it
// sees: instances, references, roots.
import java.io.File;
import org.netbeans.lib.profiler.heap.FieldValue;
import org.netbeans.lib.profiler.heap.Heap;
import org.netbeans.lib.profiler.heap.HeapFactory;
import org.netbeans.lib.profiler.heap.Instance;
import org.netbeans.lib.profiler.heap.ObjectArrayInstance;
import org.netbeans.lib.profiler.heap.ObjectFieldValue;

public class ReadHprof {
	public static void main(String[] arguments) throws Exception {
		Heap heap = HeapFactory.createHeap(new File(arguments[0]));
		long instances = 0, references = 0;
		for (Instance instance : heap.getAllInstances()) {
			instances++;
			if (instance instanceof ObjectArrayInstance) {
				for (Object value : ((ObjectArrayInstance)instance).getValues())
					references += value == null ? 0 : 1;
				continue;
			}
			for (FieldValue field : instance.getFieldValues())
				if (field instanceof ObjectFieldValue
					&& ((ObjectFieldValue)field).getInstance() != null)
					references++;
		}
		System.out.println(instances + " " + references + " " + heap.getGCRoots().size());
	}
}
