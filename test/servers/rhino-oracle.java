// Runs scripts in Rhino with java.util collections as the entry. Reads one JSON list of jobs, writes one JSON list of results.

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.ContextFactory;
import org.mozilla.javascript.Function;
import org.mozilla.javascript.ImporterTopLevel;
import org.mozilla.javascript.NativeJSON;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;
import org.mozilla.javascript.Undefined;

class RhinoOracle {
  public static void main(String[] args) throws Exception {
    ContextFactory factory = new ContextFactory() {
      @Override
      protected boolean hasFeature(Context context, int feature) {
        return feature == Context.FEATURE_ENABLE_JAVA_MAP_ACCESS || super.hasFeature(context, feature);
      }
    };
    String input = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    Context context = factory.enterContext();
    context.setLanguageVersion(Context.VERSION_ES6);
    context.setOptimizationLevel(-1);
    ScriptableObject own = context.initStandardObjects();
    own.put("input", own, input);
    Scriptable jobs = (Scriptable) context.evaluateString(own, "JSON.parse(input)", "jobs", 1, null);
    StringBuilder out = new StringBuilder("[");
    int count = ((Number) ScriptableObject.getProperty(jobs, "length")).intValue();
    for (int i = 0; i < count; i++) {
      Scriptable job = (Scriptable) ScriptableObject.getProperty(jobs, i);
      out.append(i == 0 ? "[" : ",[");
      out.append(run(context, job, true)).append(',').append(run(context, job, false)).append(']');
    }
    System.out.write(out.append("]").toString().getBytes(StandardCharsets.UTF_8));
    System.out.flush();
  }

  /** With wrapped strings a Java string is an object; without, it is a string that is given Java's methods. */
  static String run(Context context, Scriptable job, boolean wrapped) {
    context.getWrapFactory().setJavaPrimitiveWrap(wrapped);
    ScriptableObject scope = new ImporterTopLevel(context);
    StringBuilder out = new StringBuilder("[");
    Scriptable entries = (Scriptable) ScriptableObject.getProperty(job, "entries");
    int count = ((Number) ScriptableObject.getProperty(entries, "length")).intValue();
    Object judge = null;
    String failed = null;
    try {
      scope.put("bridged", scope, !wrapped);
      context.evaluateString(scope, System.getProperty("prelude"), "prelude", 1, null);
      judge = context.evaluateString(scope, text(job, "source"), "script", 1, null);
      Object name = ScriptableObject.getProperty(job, "name");
      if (name instanceof String) judge = ScriptableObject.getProperty(scope, (String) name);
    } catch (Throwable error) {
      failed = error.toString();
    }
    for (int i = 0; i < count; i++) {
      String json;
      try {
        if (failed != null) throw new RuntimeException(failed);
        Object entry = Context.javaToJS(entry((Scriptable) ScriptableObject.getProperty(entries, i)), scope);
        Object answer = ((Function) judge).call(context, scope, scope, new Object[] {entry});
        Function show = (Function) ScriptableObject.getProperty(scope, "$show");
        json = (String) show.call(context, scope, scope, new Object[] {answer});
      } catch (Throwable error) {
        json = "{\"error\":" + NativeJSON.stringify(context, scope, error.toString(), null, null) + "}";
      }
      out.append(i == 0 ? "" : ",").append(json);
    }
    return out.append("]").toString();
  }

  static String text(Scriptable object, String name) {
    return Context.toString(ScriptableObject.getProperty(object, name));
  }

  static Map<String, Object> entry(Scriptable attributes) {
    Map<String, Object> entry = new LinkedHashMap<>();
    for (Object id : attributes.getIds()) {
      Object value = ScriptableObject.getProperty(attributes, (String) id);
      if (value instanceof Scriptable) {
        List<Object> list = new ArrayList<>();
        for (Object at : ((Scriptable) value).getIds()) {
          list.add(Context.toString(ScriptableObject.getProperty((Scriptable) value, ((Number) at).intValue())));
        }
        entry.put((String) id, list);
      } else if (value != Undefined.instance) {
        entry.put((String) id, Context.toString(value));
      }
    }
    return entry;
  }
}
