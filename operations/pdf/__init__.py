"""Tables of PDFs, found in a child process that a hostile file cannot get out of.

In the child, which imports nothing else of this service:

- `words`: characters become words, lines and texts; `right_to_left`: texts in the order in which they are read
- `grid`: a table that was found; `ruled`: tables with lines around their cells; `unruled`: those without
- `page_numbers`: which pages are meant; `cells`: what is written of a cell; `joining`: tables become CSV files
- `opening`: a file and its pages; `reading`: all of that for one file; `looking`: for one page,
  or how many there are
- `confinement`: what the child may do
- `child`: the program

In the worker: `options`, what is asked of the child; `failures`, the errors; `running`, which starts the child, hears
how far it is, and ends it.
"""
