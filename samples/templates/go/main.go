// A Lambda function that speaks the Runtime API with nothing but the standard library.
package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
)

func handle(event []byte) (any, error) {
	return map[string]any{"statusCode": 200, "body": "Hello from Go!\n"}, nil
}

func main() {
	api := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
	for {
		next, err := http.Get(api + "next")
		if err != nil {
			log.Fatal(err)
		}
		event, err := io.ReadAll(next.Body)
		next.Body.Close()
		if err != nil {
			log.Fatal(err)
		}
		id := next.Header.Get("Lambda-Runtime-Aws-Request-Id")
		os.Setenv("_X_AMZN_TRACE_ID", next.Header.Get("Lambda-Runtime-Trace-Id"))
		kind := "/response"
		result, err := handle(event)
		if err != nil {
			kind, result = "/error", map[string]any{"errorType": "Function.Error", "errorMessage": err.Error()}
		}
		body, err := json.Marshal(result)
		if err != nil {
			log.Fatal(err)
		}
		answer, err := http.Post(api+id+kind, "application/json", bytes.NewReader(body))
		if err != nil {
			log.Fatal(err)
		}
		io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
	}
}
