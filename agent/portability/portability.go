package portability

import (
	"runtime"
	"sync"
)

// Examine answers a request. A kernel whose types cannot be read is an error; an object that cannot be is an answer.
func Examine(request Request) ([]Answer, error) {
	objects := make([]*opened, len(request.Objects))
	each(len(objects), func(i int) {
		path := request.Objects[i]
		objects[i] = open(path, request.Types[path])
	})
	errors := make([]error, len(request.Kernels))
	var writing sync.Mutex
	each(len(request.Kernels), func(i int) {
		kernel := request.Kernels[i]
		types, err := LoadTypes(kernel.Types)
		if err != nil {
			errors[i] = err
			return
		}
		findings := map[*program]Finding{}
		for _, object := range objects {
			located := object.locate(types)
			for _, p := range object.programs {
				findings[p] = p.resolve(located, versionCode(kernel.Version))
			}
		}
		writing.Lock()
		defer writing.Unlock()
		for p, found := range findings {
			p.out.Kernels[kernel.ID] = found
		}
	})
	for _, err := range errors {
		if err != nil {
			return nil, err
		}
	}
	answers := make([]Answer, 0, len(objects))
	for _, object := range objects {
		for _, p := range object.programs {
			object.answer.Programs = append(object.answer.Programs, p.out)
		}
		answers = append(answers, object.answer)
	}
	return answers, nil
}

// each calls work for the numbers below count, as many at once as there are processors.
func each(count int, work func(i int)) {
	var group sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for i := range next {
				work(i)
			}
		})
	}
	for i := range count {
		next <- i
	}
	close(next)
	group.Wait()
}
